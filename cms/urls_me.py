from django.urls import path

from cms.views import card, closing, consents, me, notices, own_data, records

app_name = "me"
urlpatterns = [
    path("me/", me.home, name="home"),
    path("me/card/", card.card, name="card"),
    path("me/card/new/", card.new_card, name="new_card"),
    path("me/wallet/", me.wallet, name="wallet"),
    path("me/wallet/<int:number>/", me.statement_line, name="statement_line"),
    path("me/wallet/<int:number>/receipt/", me.receipt_file, name="receipt"),
    path("me/records/", records.records, name="records"),
    path("me/notices/", notices.notice_list, name="notices"),
    path("me/notices/read/", notices.all_read, name="all_read"),
    path("me/notices/mail/", notices.choices, name="notice_choices"),
    path("me/notices/stop/<str:token>/", notices.stop_mail, name="stop_mail"),
    path("me/notices/<int:pk>/", notices.notice, name="notice"),
    path("me/consents/", consents.consents, name="consents"),
    path("me/consents/records/withdraw/", consents.withdraw_records, name="withdraw_records"),
    path("me/consents/<slug:purpose>/", consents.consent, name="consent"),
    path("me/guardian/<str:token>/", consents.guardian, name="guardian"),
    path("me/guardian/<int:pk>/revoke/", consents.revoke_guardian, name="revoke_guardian"),
    path("me/data/", own_data.page, name="own_data"),
    path("me/closing/", closing.page, name="closing"),
    path("me/closing/keep/", closing.change_mind, name="keep_account"),
]
