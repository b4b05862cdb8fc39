from django.urls import path

from points.schemes.editor import views, views_parts

app_name = "scheme_editor"
urlpatterns = [
    path("", views.SchemeList.as_view(), name="list"),
    path("drafts/<int:pk>/", views.Draft.as_view(), name="draft"),
    path("drafts/<int:pk>/parts/<slug:section>/", views_parts.PartPage.as_view(), name="part"),
    path("drafts/<int:pk>/parts/<slug:section>/<int:number>/", views_parts.PartPage.as_view(), name="item"),
    path("drafts/<int:pk>/yaml/", views_parts.Yaml.as_view(), name="yaml"),
    path("drafts/<int:pk>/download/", views_parts.Download.as_view(), name="download"),
    path("drafts/<int:pk>/try/", views_parts.TryIt.as_view(), name="try"),
    path("drafts/<int:pk>/preview/", views_parts.Preview.as_view(), name="preview"),
    path("drafts/<int:pk>/submit/", views_parts.Submit.as_view(), name="submit"),
    path("drafts/<int:pk>/discard/", views.Discard.as_view(), name="discard"),
    path("<slug:code>/", views.Timeline.as_view(), name="timeline"),
    path("<slug:code>/new/", views.NewDraft.as_view(), name="new"),
]
